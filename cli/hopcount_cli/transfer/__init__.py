"""Links in bulk: import from other shorteners, export, and shorten a whole list.

readers/   what another shortener exported, as rows; pure
checks     what of it cannot be kept, and why
sending    rows to the service, in chunks that may be repeated
"""
