class SimpleTestCase: pass
class TestCase(SimpleTestCase): pass
class TransactionTestCase(SimpleTestCase): pass
class LiveServerTestCase(TransactionTestCase): pass
class Client: pass
class RequestFactory: pass
