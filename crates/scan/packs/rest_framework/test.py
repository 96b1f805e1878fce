class APIClient: pass
class APIRequestFactory: pass
class APITestCase: pass
class APITransactionTestCase: pass
class APISimpleTestCase: pass
def force_authenticate(request, user=None, token=None): pass
