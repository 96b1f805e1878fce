from rest_framework.schemas import AutoSchema
