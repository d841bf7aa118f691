"""What every service needs and no domain owns.

Nothing here knows a link, a click or a user: a noun of the domain in this package is a mistake.
"""
