"""The platforms that are played: each file or folder here is one, and says so with `PLATFORM`."""

import importlib
import pkgutil

from contentdesk.sandbox.wire import Platform


def _platform(module: pkgutil.ModuleInfo) -> Platform:
    inside = f"{module.name}.platform" if module.ispkg else module.name
    played: Platform = importlib.import_module(f"{__name__}.{inside}").PLATFORM
    return played


PLATFORMS: tuple[Platform, ...] = tuple(_platform(module) for module in pkgutil.iter_modules(__path__))


def by_host(host: str) -> Platform | None:
    return next((platform for platform in PLATFORMS if host in platform.hosts), None)


def by_name(name: str) -> Platform | None:
    return next((platform for platform in PLATFORMS if platform.name == name), None)
