"""Who will order again, how much, and who is slipping away: BG/NBD, Pareto/NBD and Gamma-Gamma, fitted and asked.

    known = read(t.arrow(records_in(t, w)))                    # or records(visits(person, day, fen, as_of), as_of)
    found = forecast(known, 90, regularity=regularity_in(t, w))
    found.table, found.orders, found.money_fen, found.why

`records` is what is known of people, `orders` makes it of orders, `models` lists the models of who comes back, `forecasts`
says what is to come and for whom, `rhythm` who is silent for longer than is usual for them, `backtest` how right it was.
Nothing here asks a database but `orders`, of the tables it is given.
"""
