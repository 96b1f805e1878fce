from fastapi.params import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
