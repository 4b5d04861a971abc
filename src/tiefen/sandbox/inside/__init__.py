"""`/_sandbox`: a page to look inside the sandbox and to use every phone by hand, and the API it stands on.

Everything under `/_sandbox/api` takes and gives JSON; times are virtual seconds since 1970. Lists answer `{items, next}`;
`next` is given back as `after`. Errors are `{code, message, facts}`. Writes must be JSON, and come from this page or from a
program: a request another web page makes is refused.

    GET  /api                                  clock, companies, seed
    GET  /api/clock         POST {speed | step}        speed null: stand still; step: seconds
    GET  /api/faults        POST {slow, http_5xx, dropped, busy, storm, callback_lost, callback_doubled,
                                  callback_reordered, token_rotates, retry_on_status, limits, endpoint?, clear?}
    POST /api/settings      {archive_days, lag, group_most, …}: what nobody publishes
    GET  /api/acts          every act, who does it and what it needs
    POST /api/corps         {name, staff?: ["userid:name"]}
    GET  /api/corps/C       keys, apps, callback, counts
    POST /api/corps/C/callback  {url, token?, aes_key?}: verified at once → {ok, why}; an empty url: none
    POST /api/corps/C/shop      {url, write_key}
    POST /api/corps/C/app       {agentid, trusted_ips?, disabled?, permissions?}
    POST /api/corps/C/acts      {act: "scan_way", person, config_id} …  → {result, at}
    GET  /api/corps/C/staff     ?q=           staff/U: groups, tasks, messages of apps
    GET  /api/corps/C/staff/U/customers  ?q=  staff/U/talk?with=EXTERNAL
    GET  /api/corps/C/people    ?q=&known=1   people/P: staff, groups, Moments, orders
    GET  /api/corps/C/codes                   contact-me codes, group codes, links     C/tags
    GET  /api/corps/C/groups    ?q=           groups/G: members; groups/G/talk?before=&since=
    GET  /api/calls             ?corpid=&endpoint=&errcode=&failed=1    /api/calls/endpoints
    GET  /api/corps/C/callbacks ?event=&fate= POST callbacks/N/resend
"""

from tiefen.sandbox.inside.pages import routes

__all__ = ["routes"]
