const string A = "double \"quoted\""
const string B = 'single \'quoted\''
const string C = "tab\tnewline\nreturn\rbackslash\\ slash"
const string D = ""
const string E = 'has "double" inside'
const string F = "has 'single' inside"
const string G = "unicode: \u00e9"
