"""Staff sign in at an OpenID Connect issuer: authorization code flow with PKCE, groups by a claim.

mozilla-django-oidc leads through the flow (state, nonce, PKCE, where to go on to) and is imported by `backend` and
`views` alone, which nothing loads unless STAFF_OIDC_ISSUER is set. What it leaves open is here: where the issuer is,
what an ID token must say, whose account it opens and with which groups.
"""
