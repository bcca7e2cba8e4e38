"""Secrets at rest. The first key seals; all keys open, so that a key can be changed without a loss."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBroken(Exception):
    """The value was sealed with a key we do not have."""


class Box:
    def __init__(self, keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def __repr__(self) -> str:
        return "Box(…)"

    def seal(self, value: str) -> str:
        return self._fernet.encrypt(value.encode()).decode()

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealBroken("a secret cannot be opened with the keys given") from error

    def renew(self, sealed: str) -> str:
        """The same secret, sealed with the newest key."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealBroken("a secret cannot be opened with the keys given") from error


def new_key() -> str:
    return Fernet.generate_key().decode()
