"""What is wrong with the store, in one line for the operator."""


class StoreError(Exception):
    """`what` happened, whose fault it is, and what to do. Commands print it and exit 3."""

    def __init__(self, what: str, whose: str, remedy: str) -> None:
        super().__init__(f"{what} ({whose}): {remedy}")
        self.what = what
        self.whose = whose
        self.remedy = remedy
