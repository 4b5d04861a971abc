"""What somebody may buy next: goods they buy again and again, and goods new to them.

`baskets` makes numbers of who bought what on which day; `again` ranks by what somebody buys often, what everybody buys and what goes
with it; `ease` and `ials` rank what somebody never bought; `offers` puts both together, a few for each person, each with its reason.
"""
