from django.core.files import UploadedFile
