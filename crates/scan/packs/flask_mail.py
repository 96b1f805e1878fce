class Message:
    def __init__(self, subject="", recipients=None, body=None, html=None, alts=None, sender=None, cc=None, bcc=None,
                 attachments=None, reply_to=None, date=None, charset=None, extra_headers=None, mail_options=None,
                 rcpt_options=None):
        self.subject = subject
        self.recipients = recipients
        self.body = body
        self.html = html
        self.sender = sender
        self.cc = cc
        self.bcc = bcc
        self.reply_to = reply_to
        self.extra_headers = extra_headers

    def add_recipient(self, recipient): pass
    def attach(self, *args, **options): pass


class Connection:
    def __enter__(self): return self
    def __exit__(self, *args): pass
    def send(self, message, envelope_from=None): pass
    def send_message(self, *args, **options): pass


class Mail:
    def __init__(self, app=None): pass
    def init_app(self, app): pass
    def send(self, message): pass
    def send_message(self, *args, **options): pass
    def connect(self): return Connection()
    def record_messages(self): return __unknown__("the mails that were sent")


class Attachment:
    def __init__(self, *args, **options): pass


class BadHeaderError(Exception): pass
