/** A certificate of `localhost` and `127.0.0.1`, signed by itself, for a hundred years; nobody trusts it but tests. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUPw39r+WFwbQ1GqrujOlzK2mV7CUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzE3MjEyM1oYDzIxMjYxMTAz
MTcyMTIzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ0pGdw0JWqqHjyrbK35pobXsAVNdcf/S0p3OLdyvMdtPlftIduH1Qs
LS/auj9qqQPp9XeE3hGyTUugiwnA25+Po28wbTAdBgNVHQ4EFgQUCCVDleGSpVAw
N+w8yTvh+sdFFpkwHwYDVR0jBBgwFoAUCCVDleGSpVAwN+w8yTvh+sdFFpkwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAKZBW3XSVWN/WJQZS+YXeHca180nGr3tODrUFgfmlzv/AiAt
jiRjz7ayLeGuceQPfS5Los227plkZvvlrBbogX7IkA==
-----END CERTIFICATE-----`;

/** The key of {@link CERTIFICATE}. */
export const CERTIFICATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrfUKlDw2LEiphe4d
iqLVUk4qt3yqZ6dpU0X80+qFRMOhRANCAAQ0pGdw0JWqqHjyrbK35pobXsAVNdcf
/S0p3OLdyvMdtPlftIduH1QsLS/auj9qqQPp9XeE3hGyTUugiwnA25+P
-----END PRIVATE KEY-----`;
