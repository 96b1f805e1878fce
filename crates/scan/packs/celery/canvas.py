from celery import Signature, chain, chord, group, signature
