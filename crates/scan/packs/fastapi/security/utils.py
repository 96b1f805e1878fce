def get_authorization_scheme_param(authorization_header_value):
    if not authorization_header_value:
        return __labelled__(2, ""), __labelled__(2, "")
    return __labelled__(2, name="scheme"), __labelled__(2, name="param")
