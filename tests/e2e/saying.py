"""What a browser's console says that somebody should look at."""

from playwright.sync_api import ConsoleMessage

# Leaving a page while a request of htmx is under way ends the request, and htmx says so in the console.
# A request that fails on the way is still told: it says `htmx:sendError`, `htmx:timeout` or `htmx:responseError`.
_CUT_OFF_BY_LEAVING = ("htmx:sendAbort", "htmx:afterRequest")


def is_trouble(said: ConsoleMessage, *types: str) -> bool:
    return said.type in types and not said.text.startswith(_CUT_OFF_BY_LEAVING)
