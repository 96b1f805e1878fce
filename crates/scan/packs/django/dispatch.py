class Signal:
    def __init__(self, *args, **options): pass
    def connect(self, receiver, *args, **options): pass
    def disconnect(self, *args, **options): pass
    def send(self, sender, **named): return []
    def send_robust(self, sender, **named): return []


def receiver(signal, **options):
    return lambda function: function
