class AbstractIdentityPolicy: pass
class AbstractAuthorizationPolicy: pass
