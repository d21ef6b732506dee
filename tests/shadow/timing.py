"""A clock that stands until it is put forward."""


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now
