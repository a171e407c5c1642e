"""What belongs to what: the turns of a loop to their activity, listeners to whom they listen for, handlers to who
waits for them. What belongs to a token ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn.token import Token


class Ownership:
    """Owner → the tokens that belong to it, in the order in which they came."""

    def __init__(self) -> None:
        self._tokens: dict[int, dict[int, Token]] = {}

    def __contains__(self, owner: int) -> bool:
        return owner in self._tokens

    def add(self, owner: int, token: Token) -> None:
        """The token belongs to its owner and ends with it."""
        self._tokens.setdefault(owner, {})[token.id] = token

    def of(self, owner: int) -> list[Token]:
        """What belongs to it now."""
        return list(self._tokens.get(owner, {}).values())

    def remove(self, token: Token) -> None:
        """The token is gone."""
        if token.owner is not None:
            siblings = self._tokens.get(token.owner)
            if siblings is not None:
                siblings.pop(token.id, None)
                if not siblings:
                    del self._tokens[token.owner]
