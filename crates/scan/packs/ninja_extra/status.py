from rest_framework.status import *
