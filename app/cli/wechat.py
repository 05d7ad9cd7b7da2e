"""``gongyi wechat-stand-in``: a stand-in for WeChat's server."""

from typing import Annotated

import typer
import uvicorn

from app.demo.wechat import StandIn, make_stand_in


def wechat_stand_in(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8110,
    app_id: Annotated[str, typer.Option(help="The AppID it knows.")] = StandIn.app_id,
    secret: Annotated[str, typer.Option(help="The AppSecret it knows.")] = StandIn.secret,
) -> None:
    """Answer as WeChat does: codes are minted, and failures injected, under /control/."""
    print(f"GONGYI_WECHAT=http GONGYI_WECHAT_URL=http://127.0.0.1:{port} GONGYI_WECHAT_APP_ID={app_id}")
    print(
        f"GONGYI_WECHAT_SECRET={secret}   # for rehearsals in development mode; production refuses this address"
    )
    state = StandIn(app_id=app_id, secret=secret)
    uvicorn.run(make_stand_in(state), host="127.0.0.1", port=port, access_log=False, log_level="warning")
