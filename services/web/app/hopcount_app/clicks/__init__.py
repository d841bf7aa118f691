"""What a view of clicks needs to know: periods, zones, axes, shares, words. No Flet in here."""
