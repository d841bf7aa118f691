"""What browsers and crawlers ask for unbidden, where no site answers before the API does.

The same as `services/web/site/robots.txt` and `favicon.ico` (a test compares).
"""

ROBOTS = (
    "# Short links may be followed, for instance by those who draw previews of them.\n"
    "User-agent: *\n"
    "Disallow: /app/\n"
    "Disallow: /stats/\n"
    "Disallow: /urls/\n"
    "Disallow: /users/\n"
)

FAVICON = (  # an ICO file in base64, as an answer of Lambda's takes it
    "AAABAAEAICAAAAEAIAB4AQAAFgAAAIlQTkcNChoKAAAADUlIRFIAAAAgAAAAIAQDAAAAgVRnxwAAADBQTFRFIHhiCmpSAmtQ"
    "1ubic6qcsM/HncS6MoJuR499jLmuCWtSC2tT/P39AAAAbKaXCmlQ/nTqMgAAABB0Uk5T/58U/////////3D+/wD/ShicUAIA"
    "AADnSURBVHjatZGxasJgFEbPfw2CuHRzEfEFOndUBDcHQQi4BTqU0iLiC+imY/oEdXGpDlmc4iA4FRxCFwcrzTMErFrUOKjE"
    "v92Efts5fMPHvWqxzL1xjpl21CIzJoqREblktlkpoWWo+jeaCKWuN1bK1QXCv4niL/EyTQDTMoBy4ScFr8WRtQtOjTseuJ9Y"
    "xLpHsfR3HW//Tp2nozBokMJeN1vxHgiEOCShzSPPZQSqeAQwJgE+Av4GkvbGiXaEwMCFAGyUS+zWO62sfMy55kCWzt9/G/pb"
    "UOrrUxMF2ecv2fCFmRmxWeMAVYo9nkTilLsAAAAASUVORK5CYII="
)
