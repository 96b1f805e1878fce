current_api = __unknown__("the API of a request")
