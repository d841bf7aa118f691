"""Keeping the emulator's state through a hard kill.

One snapshot holds every service as of one moment. It is taken by a forked copy of the process, which nobody
else changes, so the emulator itself stops only for the fork. `store` writes and switches snapshots, `content`
knows what belongs in one, `capture` forks, `keeper` decides when, `owner` admits one emulator per folder.
"""
