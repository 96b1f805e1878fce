//! The table of weaknesses, by effect: who may act, how they are identified, what they may touch, what is run, what is
//! given away, what is used up, what surrounds the application.

use super::weaknesses;

weaknesses! {
    // Who may act on which object.
    BrokenObjectLevelAuthorization "broken-object-level-authorization"
        "An object is reached by its id without asking whose it is"
        cwe [639] api [1] asvs ["8.2.2"];
    OwnerTakenFromClient "owner-taken-from-client"
        "The client says who owns an object or for whom it acts"
        cwe [639 863] api [1] asvs ["8.2.2" "8.3.1"];
    UnscopedList "unscoped-list"
        "A list of owned objects is not limited to the principal's own"
        cwe [639 862] api [1] asvs ["8.2.2"];
    BrokenTenantIsolation "broken-tenant-isolation"
        "A request reaches another tenant's objects"
        cwe [639 668] api [1] asvs ["8.4.1"];
    UnscopedFileKey "unscoped-file-key"
        "The client names a stored file that need not be its own"
        cwe [639] api [1] asvs ["8.2.2"];
    PredictableObjectId "predictable-object-id"
        "Ids of owned objects can be guessed"
        cwe [340] api [1] asvs [];

    // Who may call which function.
    MissingAuthentication "missing-authentication"
        "An endpoint that is not meant for everybody admits everybody"
        cwe [306] api [2 5] asvs ["8.2.1"];
    IneffectiveGuard "ineffective-guard"
        "A guard lets everybody pass"
        cwe [287 303] api [2] asvs ["8.2.1" "16.5.3"];
    ForgeableIdentity "forgeable-identity"
        "Who the request acts for is read from what its client can write"
        cwe [565 287 639] api [2] asvs ["7.2.2" "8.3.1"];
    OptionalIdentity "optional-identity"
        "An identity that may be absent is used as if it were there"
        cwe [287] api [2] asvs ["8.2.1"];
    MisplacedGuard "misplaced-guard"
        "A guard stands where it has no effect"
        cwe [306 696] api [2] asvs ["8.2.1"];
    GuardAsAssertion "guard-as-assertion"
        "A guard is an assertion, which optimised Python drops"
        cwe [617 863] api [5] asvs ["8.3.1"];
    BrokenFunctionLevelAuthorization "broken-function-level-authorization"
        "A function for few is open to every identified principal"
        cwe [862 285] api [5] asvs ["8.2.1"];
    InconsistentAuthorization "inconsistent-authorization"
        "One way to a resource asks for less than its siblings"
        cwe [863 862] api [5] asvs ["8.2.1"];
    MethodDependentAuthorization "method-dependent-authorization"
        "A check covers only some of the methods that an endpoint takes"
        cwe [650 863] api [5] asvs ["4.1.4" "8.2.1"];
    RoleTakenFromClient "role-taken-from-client"
        "The client says which role it has"
        cwe [290 807 863] api [5] asvs ["8.3.1"];
    PrivilegeEscalation "privilege-escalation"
        "A principal can give itself rights or worth"
        cwe [269 862] api [3 5] asvs ["8.2.3" "15.3.3"];
    CheckAfterEffect "check-after-effect"
        "The check comes after what it should prevent"
        cwe [696 863] api [5] asvs ["8.3.1"];
    LooseRoleComparison "loose-role-comparison"
        "A role is compared as a piece of text"
        cwe [697 863] api [5] asvs ["8.2.1"];
    UncheckedScope "unchecked-scope"
        "Scopes are declared and never checked"
        cwe [863] api [5] asvs ["10.3.2"];
    GuardBypassByPath "guard-bypass-by-path"
        "Another spelling of a path, or an earlier route, avoids a guard"
        cwe [436 706] api [5 8] asvs ["8.3.1"];

    // How principals are identified.
    UnverifiedToken "unverified-token"
        "A token is believed without verifying its signature"
        cwe [347 345] api [2] asvs ["9.1.1"];
    TokenAlgorithmConfusion "token-algorithm-confusion"
        "The token chooses the algorithm that verifies it"
        cwe [347 327] api [2] asvs ["9.1.2"];
    TokenKeyFromToken "token-key-from-token"
        "The token names the key that verifies it"
        cwe [347] api [2] asvs ["9.1.3"];
    TokenWithoutExpiry "token-without-expiry"
        "A token is valid for ever or far too long"
        cwe [613] api [2] asvs ["9.2.1"];
    TokenForAnotherAudience "token-for-another-audience"
        "A token made for another service or purpose is accepted"
        cwe [345] api [2] asvs ["9.2.2" "9.2.3"];
    WeakTokenKey "weak-token-key"
        "Tokens are signed with a key that is known or can be guessed"
        cwe [798 321 326] api [2] asvs ["13.3.1"];
    SensitiveTokenClaim "sensitive-token-claim"
        "A token that anybody can read carries what should stay hidden"
        cwe [522] api [2 3] asvs ["14.2.6"];
    TimingDependentComparison "timing-dependent-comparison"
        "A secret is compared byte by byte until the first difference"
        cwe [208] api [2] asvs ["11.2.4"];
    CredentialInUrl "credential-in-url"
        "A token or key is part of a URL"
        cwe [598] api [2] asvs ["14.2.1"];
    CredentialInClear "credential-in-clear"
        "Credentials travel or are kept without protection"
        cwe [522 319] api [2] asvs ["12.2.1"];
    WeakPasswordHash "weak-password-hash"
        "Passwords are hashed so that they can be guessed fast"
        cwe [916] api [2] asvs ["11.4.2"];
    PlaintextPassword "plaintext-password"
        "Passwords are kept as they are"
        cwe [256] api [2] asvs ["11.4.2"];
    PlaintextPrivateData "plaintext-private-data"
        "Private data is stored as it is"
        cwe [312 359] api [3] asvs [];
    TruncatedPassword "truncated-password"
        "Only the beginning of a password counts"
        cwe [521] api [2] asvs ["6.2.8"];
    WeakPasswordPolicy "weak-password-policy"
        "Short passwords are accepted"
        cwe [521] api [2] asvs ["6.2.1"];
    UnlimitedLoginAttempts "unlimited-login-attempts"
        "Passwords or codes can be tried without limit"
        cwe [307] api [2 4] asvs ["6.3.1"];
    UserEnumeration "user-enumeration"
        "Answers tell which users exist"
        cwe [204] api [2] asvs ["6.3.8"];
    WeakRecoveryToken "weak-recovery-token"
        "A code for recovery can be guessed, lives too long or is given away"
        cwe [640 330] api [2] asvs ["6.5.5" "11.5.1"];
    UnverifiedCredentialChange "unverified-credential-change"
        "A password or address is changed without the current password"
        cwe [620] api [2] asvs ["6.2.3"];
    DefaultCredentials "default-credentials"
        "An account with a known password exists"
        cwe [1392 798] api [2] asvs ["6.3.2" "13.2.3"];
    SessionFixation "session-fixation"
        "A session keeps its id across a login"
        cwe [384] api [2] asvs ["7.2.4"];
    SessionOutlivesLogout "session-outlives-logout"
        "A session or token works after logout or a password change"
        cwe [613] api [2] asvs ["7.4.1" "7.4.3"];
    RefreshTokenReuse "refresh-token-reuse"
        "A refresh token can be used again"
        cwe [613] api [2] asvs ["10.4.5"];
    OauthStateMissing "oauth-state-missing"
        "An OAuth answer is accepted that nobody asked for"
        cwe [352] api [2] asvs ["10.4.6"];
    OpenRedirectUri "open-redirect-uri"
        "OAuth codes are sent wherever the client says"
        cwe [601] api [2] asvs ["10.4.1"];
    PasswordGrant "password-grant"
        "OAuth's password grant or implicit grant is used"
        cwe [522] api [2] asvs ["10.4.4"];
    UnsignedWebhook "unsigned-webhook"
        "A webhook believes whoever calls it"
        cwe [345 306] api [2 10] asvs [];
    WebhookReplay "webhook-replay"
        "A signed message is accepted again and again"
        cwe [294] api [2 10] asvs [];
    CrossSiteWebSocket "cross-site-websocket"
        "A WebSocket opens for every origin"
        cwe [1385] api [2 8] asvs ["4.4.2"];
    AuthenticationBackdoor "authentication-backdoor"
        "A hidden value or mode admits without identification"
        cwe [912 489] api [2 9] asvs ["6.3.4" "15.2.3"];

    // Which fields may be written and read.
    MassAssignment "mass-assignment"
        "The client can set fields that are not its to set"
        cwe [915] api [3] asvs ["8.2.3" "15.3.3"];
    ExcessiveDataExposure "excessive-data-exposure"
        "An answer carries more fields than it should"
        cwe [213 200] api [3] asvs ["14.2.6" "15.3.1"];
    SensitiveDataExposure "sensitive-data-exposure"
        "An answer carries credentials or other sensitive fields"
        cwe [200 359] api [3] asvs ["8.2.3" "15.3.1"];
    DataSentToThirdParty "data-sent-to-third-party"
        "Personal data leaves for a third party"
        cwe [359] api [3] asvs ["14.2.6"];
    VerboseError "verbose-error"
        "An error tells how the application works inside"
        cwe [209] api [3 8] asvs ["16.5.1"];
    SecretInLog "secret-in-log"
        "A log holds credentials"
        cwe [532] api [8] asvs ["16.2.5"];

    // What can be used up or abused.
    MissingRateLimit "missing-rate-limit"
        "Requests are not limited"
        cwe [770] api [4] asvs ["2.4.1"];
    UnboundedResult "unbounded-result"
        "The client decides how much is read or returned"
        cwe [770] api [4] asvs ["15.2.2"];
    UnboundedInput "unbounded-input"
        "A body, upload or field has no greatest size"
        cwe [770 400] api [4] asvs ["2.2.1"];
    MissingTimeout "missing-timeout"
        "Waiting for another system has no end"
        cwe [400 1088] api [4 10] asvs ["13.2.6"];
    SuperLinearRegex "super-linear-regex"
        "A regular expression takes far too long on a chosen text"
        cwe [1333] api [4] asvs ["1.3.12"];
    RegexInjection "regex-injection"
        "The client writes a regular expression"
        cwe [625 1333] api [4] asvs ["1.2.9"];
    DecompressionBomb "decompression-bomb"
        "A small input unpacks to a huge one"
        cwe [409 776] api [4] asvs [];
    BlockingCall "blocking-call"
        "A slow call stops all requests of a worker"
        cwe [400 834] api [4] asvs ["15.2.2"];
    UnlimitedCostlyOperation "unlimited-costly-operation"
        "What costs money or time can be called without limit"
        cwe [770 799] api [4 6] asvs ["2.4.1" "15.2.2"];
    UnlimitedQueryCost "unlimited-query-cost"
        "A GraphQL query may be as deep and costly as the client likes"
        cwe [770] api [4] asvs ["4.3.1"];
    BusinessFlowAbuse "business-flow-abuse"
        "A sensitive flow can be repeated by machines"
        cwe [799] api [6] asvs ["2.4.1"];
    RaceCondition "race-condition"
        "Two requests at once pass a check that one should fail"
        cwe [362 367] api [6] asvs ["2.3.4" "15.4.2"];
    ClientControlledPrice "client-controlled-price"
        "The client says what something costs"
        cwe [602] api [6] asvs ["2.2.2"];
    InvalidQuantity "invalid-quantity"
        "Negative, absurd or not-a-number quantities are accepted"
        cwe [20 1284] api [6] asvs ["2.2.1"];
    SkippedStep "skipped-step"
        "A step of a flow can be left out"
        cwe [841] api [6] asvs [];

    // What is run, read or fetched on the client's word.
    ServerSideRequestForgery "server-side-request-forgery"
        "The client decides where the application sends a request"
        cwe [918] api [7] asvs ["1.3.6" "13.2.4"];
    RequestPathInjection "request-path-injection"
        "The client decides a part of an outbound request's path or query"
        cwe [918 74] api [7] asvs ["1.3.6"];
    UncheckedOutboundRedirect "unchecked-outbound-redirect"
        "An outbound request follows redirects or names past its check"
        cwe [918 367] api [7 10] asvs ["15.3.2"];
    SqlInjection "sql-injection"
        "A value of the request becomes part of an SQL statement"
        cwe [89] api [8] asvs ["1.2.4"];
    NosqlInjection "nosql-injection"
        "A value of the request becomes an operator of a database query"
        cwe [943] api [8] asvs ["1.2.4"];
    QueryFilterInjection "query-filter-injection"
        "The client names the fields that a query compares"
        cwe [943 915] api [3 8] asvs ["2.2.1"];
    LdapInjection "ldap-injection"
        "A value of the request becomes part of an LDAP filter"
        cwe [90] api [8] asvs [];
    XpathInjection "xpath-injection"
        "A value of the request becomes part of an `XPath` expression"
        cwe [643] api [8] asvs [];
    CommandInjection "command-injection"
        "A value of the request becomes part of a command"
        cwe [78 88] api [8] asvs ["1.2.5"];
    CodeInjection "code-injection"
        "A value of the request is run as Python"
        cwe [94 95] api [8] asvs ["1.3.2"];
    TemplateInjection "template-injection"
        "A value of the request becomes part of a template"
        cwe [1336 94] api [8] asvs ["1.3.7"];
    UnsafeDeserialization "unsafe-deserialization"
        "Foreign bytes are turned into objects of any class"
        cwe [502] api [8 10] asvs ["1.5.2"];
    PathTraversal "path-traversal"
        "A value of the request names a file outside its folder"
        cwe [22 73] api [8] asvs [];
    ArchiveTraversal "archive-traversal"
        "An archive writes files outside its folder"
        cwe [22 59] api [8] asvs [];
    UnrestrictedUpload "unrestricted-upload"
        "Files of any type are kept or served"
        cwe [434] api [8] asvs [];
    XmlExternalEntity "xml-external-entity"
        "An XML document makes the parser fetch or expand entities"
        cwe [611 776] api [7 8] asvs ["1.5.1"];
    CrossSiteScripting "cross-site-scripting"
        "A value of the request becomes HTML"
        cwe [79] api [8] asvs ["3.4.3"];
    UnescapedTemplates "unescaped-templates"
        "Templates of pages do not escape what they print"
        cwe [79 16 116] api [8] asvs [];
    OpenRedirect "open-redirect"
        "A value of the request decides where the browser goes next"
        cwe [601] api [8] asvs [];
    HeaderInjection "header-injection"
        "A value of the request adds header fields to an answer or a mail"
        cwe [113 93] api [8] asvs ["4.2.4"];
    LogInjection "log-injection"
        "A value of the request forges log lines"
        cwe [117] api [8] asvs ["16.4.1"];
    FormulaInjection "formula-injection"
        "A value of the request becomes a formula in a spreadsheet"
        cwe [1236] api [8] asvs ["1.2.10"];
    PromptInjection "prompt-injection"
        "A value of the request instructs a language model, or its answer is run"
        cwe [1427] api [8 10] asvs [];
    TrustBoundaryViolation "trust-boundary-violation"
        "A value of the request is kept among values that are trusted"
        cwe [501] api [8] asvs ["2.2.2"];
    TypeConfusion "type-confusion"
        "A value may have another type than the code expects"
        cwe [843 20] api [8] asvs ["2.2.1"];
    IncompleteDenylist "incomplete-denylist"
        "A check refuses some of what is bad instead of admitting what is good"
        cwe [184 20] api [8] asvs ["2.2.1"];
    MissingInputValidation "missing-input-validation"
        "Input is used that no schema checks"
        cwe [20] api [8] asvs ["2.2.1" "2.2.2"];
    UnvalidatedUpstreamData "unvalidated-upstream-data"
        "A third party's answer is used that no schema checks"
        cwe [20] api [10] asvs ["2.2.2"];
    CredentialSentToThirdParty "credential-sent-to-third-party"
        "A credential is sent to a host that the client or a redirect chooses"
        cwe [522 200] api [7 10] asvs ["15.3.2"];

    // How the application is set up.
    PermissiveCors "permissive-cors"
        "Foreign origins may read answers to credentials"
        cwe [942] api [8] asvs ["3.4.2"];
    CrossSiteRequestForgery "cross-site-request-forgery"
        "Another site can act with the user's cookie"
        cwe [352] api [8] asvs ["3.5.1"];
    UnsafeSafeMethod "unsafe-safe-method"
        "A GET changes something"
        cwe [650] api [8] asvs ["3.5.3"];
    InsecureCookie "insecure-cookie"
        "A cookie travels without TLS, too"
        cwe [614] api [8] asvs ["3.3.1"];
    CookieForScripts "cookie-for-scripts"
        "Scripts of a page can read a cookie that is for the server alone"
        cwe [1004] api [8] asvs ["3.3.4"];
    CookieForOtherSites "cookie-for-other-sites"
        "A cookie goes along with requests that other sites make"
        cwe [1275] api [8] asvs ["3.3.2"];
    DebugMode "debug-mode"
        "Debugging is on in production"
        cwe [489] api [8] asvs ["13.4.2"];
    ExposedManagement "exposed-management"
        "Documentation, metrics or administration is open to everybody"
        cwe [200 668] api [8 9] asvs ["13.4.5"];
    TechnologyDisclosure "technology-disclosure"
        "Answers tell which software runs, and its version"
        cwe [200 497] api [8] asvs ["13.4.6"];
    GraphqlIntrospection "graphql-introspection"
        "A GraphQL schema can be read by everybody"
        cwe [200] api [8 9] asvs ["4.3.2"];
    ExposedFiles "exposed-files"
        "Files that are not meant for clients are served"
        cwe [538 552] api [8] asvs ["13.4.1"];
    MissingSecurityHeaders "missing-security-headers"
        "Answers lack the headers that harden browsers and caches"
        cwe [693] api [8] asvs ["3.4.1" "3.4.4" "14.3.2"];
    HostHeaderTrust "host-header-trust"
        "The Host field decides what is answered or linked"
        cwe [644 348] api [8] asvs ["4.1.3"];
    ProxyHeaderTrust "proxy-header-trust"
        "Anybody may say through which proxy and from where a request came"
        cwe [348 290] api [8] asvs ["4.1.3" "15.3.4"];
    UnverifiedTls "unverified-tls"
        "The other side's certificate is not verified"
        cwe [295] api [8 10] asvs ["12.3.2"];
    WeakTls "weak-tls"
        "Old versions or weak ciphers of TLS are allowed"
        cwe [327 326] api [8] asvs ["12.1.1" "12.1.2"];
    CleartextTransport "cleartext-transport"
        "Data travels without TLS"
        cwe [319] api [8 10] asvs ["12.2.1"];
    WeakCryptography "weak-cryptography"
        "A broken or misused algorithm protects data"
        cwe [327] api [8] asvs ["11.3.1"];
    WeakDigest "weak-digest"
        "A digest is used for which collisions are made at will"
        cwe [328 327] api [8] asvs ["11.4.1"];
    ConstantNonce "constant-nonce"
        "A value that must differ each time is always the same"
        cwe [329 1204] api [8] asvs [];
    ShortKey "short-key"
        "A key is too short to withstand trying"
        cwe [326] api [8] asvs ["11.2.3"];
    PredictableRandom "predictable-random"
        "A secret comes from a random source that can be guessed"
        cwe [330 338] api [2 8] asvs ["11.5.1"];
    PrivateDataInSharedCache "private-data-in-shared-cache"
        "One principal's answer is cached for others"
        cwe [524 525] api [8] asvs ["14.2.2" "14.2.5"];
    MiddlewareOrder "middleware-order"
        "Middleware stands in an order that undoes it"
        cwe [696] api [8] asvs [];
    FailOpen "fail-open"
        "When a check fails by accident, the request passes"
        cwe [636 755] api [2 8] asvs ["16.5.3"];
    MissingErrorHandler "missing-error-handler"
        "Unexpected errors are handled nowhere"
        cwe [755] api [8] asvs ["16.5.4"];
    MissingAuditLog "missing-audit-log"
        "Security decisions leave no trace"
        cwe [778] api [8] asvs ["16.3.1" "16.3.2"];
    InsecureDefault "insecure-default"
        "A setting's default is not safe"
        cwe [1188] api [8] asvs [];
    ExposedService "exposed-service"
        "A service listens where it need not"
        cwe [668 605] api [8] asvs [];
    ParserDisagreement "parser-disagreement"
        "Two parts of the system read the same request differently"
        cwe [436 444] api [8] asvs ["1.5.3" "15.3.7"];

    // What exists besides what is known.
    UndocumentedEndpoint "undocumented-endpoint"
        "An endpoint is missing from the API's document"
        cwe [1059] api [9] asvs [];
    GhostEndpoint "ghost-endpoint"
        "The document names an endpoint that does not exist"
        cwe [1059] api [9] asvs [];
    SpecificationDrift "specification-drift"
        "The document and the code disagree about an endpoint"
        cwe [1059] api [9] asvs ["8.1.1"];
    UndocumentedAccess "undocumented-access"
        "The document and the code disagree about who is admitted"
        cwe [306 1059] api [9] asvs ["8.1.1"];
    LooseSpecification "loose-specification"
        "The document allows input that nobody means"
        cwe [20 770] api [4 8] asvs ["2.2.1"];
    OldVersion "old-version"
        "An old version of the API still answers"
        cwe [1059] api [9] asvs [];
    DebugEndpoint "debug-endpoint"
        "An endpoint for debugging or testing is served"
        cwe [489] api [9] asvs ["15.2.3"];
    UnresolvedEndpoint "unresolved-endpoint"
        "An endpoint could not be worked out from the code"
        cwe [] api [9] asvs [];
    ChangedSurface "changed-surface"
        "A change adds an endpoint or weakens one"
        cwe [] api [9] asvs [];

    // Secrets, dependencies, deployment.
    HardcodedSecret "hardcoded-secret"
        "A secret stands in the code"
        cwe [798 321] api [2 8] asvs ["13.3.1"];
    CommittedSecret "committed-secret"
        "A secret lies in a file or image that others read"
        cwe [312 540] api [8] asvs ["13.3.1"];
    VulnerableDependency "vulnerable-dependency"
        "A dependency has a published vulnerability"
        cwe [1395] api [8] asvs ["15.2.1"];
    UnpinnedDependency "unpinned-dependency"
        "What is installed is not decided by the repository"
        cwe [1357 494] api [8] asvs [];
    UnmaintainedDependency "unmaintained-dependency"
        "A dependency or framework is no longer kept"
        cwe [1104] api [8] asvs ["15.2.1"];
    UntrustedDependencySource "untrusted-dependency-source"
        "A dependency may come from where an attacker publishes"
        cwe [427 829] api [8] asvs [];
    ExcessPrivilege "excess-privilege"
        "The application runs with more rights than it needs"
        cwe [250] api [8] asvs [];
    UnpinnedImage "unpinned-image"
        "What a container is built from can change"
        cwe [829] api [8] asvs [];
    SecretInImage "secret-in-image"
        "A container image holds a secret"
        cwe [538 798] api [8] asvs ["13.3.1"];
    DevelopmentServer "development-server"
        "A server for development runs in production"
        cwe [489] api [8] asvs ["13.4.2"];
    WeakDeployment "weak-deployment"
        "The deployment lacks limits that harden it"
        cwe [693] api [8] asvs [];
}
