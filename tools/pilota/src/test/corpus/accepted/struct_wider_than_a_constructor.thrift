// more fields than a constructor of the JVM takes
enum Side { LEFT = 1 RIGHT }
struct Inner { 1: i32 x }
struct Wide {
  1: optional double f1
  2: required string f2
  3: bool f3
  4: optional i32 f4
  5: required byte f5
  6: i16 f6
  7: optional binary f7
  8: required list<string> f8
  9: map<i32, Inner> f9
  10: optional Inner f10
  11: required Side f11
  12: set<i64> f12
  13: optional i64 f13 = 13
  14: required double f14
  15: string f15 = "s15"
  16: optional bool f16
  17: required i32 f17
  18: byte f18
  19: optional i16 f19
  20: required binary f20
  21: list<string> f21
  22: optional map<i32, Inner> f22
  23: required Inner f23
  24: Side f24
  25: optional set<i64> f25
  26: required i64 f26
  27: double f27
  28: optional string f28
  29: required bool f29
  30: i32 f30
  31: optional byte f31
  32: required i16 f32
  33: binary f33
  34: optional list<string> f34
  35: required map<i32, Inner> f35
  36: Inner f36
  37: optional Side f37
  38: required set<i64> f38
  39: i64 f39 = 39
  40: optional double f40
  41: required string f41
  42: bool f42
  43: optional i32 f43
  44: required byte f44
  45: i16 f45
  46: optional binary f46
  47: required list<string> f47
  48: map<i32, Inner> f48
  49: optional Inner f49
  50: required Side f50
  51: set<i64> f51
  52: optional i64 f52
  53: required double f53
  54: string f54 = "s54"
  55: optional bool f55
  56: required i32 f56
  57: byte f57
  58: optional i16 f58
  59: required binary f59
  60: list<string> f60
  61: optional map<i32, Inner> f61
  62: required Inner f62
  63: Side f63
  64: optional set<i64> f64
  65: required i64 f65
  66: double f66
  67: optional string f67
  68: required bool f68
  69: i32 f69
  70: optional byte f70
  71: required i16 f71
  72: binary f72
  73: optional list<string> f73
  74: required map<i32, Inner> f74
  75: Inner f75
  76: optional Side f76
  77: required set<i64> f77
  78: i64 f78
  79: optional double f79
  80: required string f80
  81: bool f81
  82: optional i32 f82
  83: required byte f83
  84: i16 f84
  85: optional binary f85
  86: required list<string> f86
  87: map<i32, Inner> f87
  88: optional Inner f88
  89: required Side f89
  90: set<i64> f90
  91: optional i64 f91 = 91
  92: required double f92
  93: string f93 = "s93"
  94: optional bool f94
  95: required i32 f95
  96: byte f96
  97: optional i16 f97
  98: required binary f98
  99: list<string> f99
  100: optional map<i32, Inner> f100
  101: required Inner f101
  102: Side f102
  103: optional set<i64> f103
  104: required i64 f104
  105: double f105
  106: optional string f106
  107: required bool f107
  108: i32 f108
  109: optional byte f109
  110: required i16 f110
  111: binary f111
  112: optional list<string> f112
  113: required map<i32, Inner> f113
  114: Inner f114
  115: optional Side f115
  116: required set<i64> f116
  117: i64 f117 = 117
  118: optional double f118
  119: required string f119
  120: bool f120
  121: optional i32 f121
  122: required byte f122
  123: i16 f123
  124: optional binary f124
  125: required list<string> f125
  126: map<i32, Inner> f126
  127: optional Inner f127
  128: required Side f128
  129: set<i64> f129
  130: optional i64 f130
  131: required double f131
  132: string f132 = "s132"
  133: optional bool f133
  134: required i32 f134
  135: byte f135
  136: optional i16 f136
  137: required binary f137
  138: list<string> f138
  139: optional map<i32, Inner> f139
  140: required Inner f140
  141: Side f141
  142: optional set<i64> f142
  143: required i64 f143
  144: double f144
  145: optional string f145
  146: required bool f146
  147: i32 f147
  148: optional byte f148
  149: required i16 f149
  150: binary f150
  151: optional list<string> f151
  152: required map<i32, Inner> f152
  153: Inner f153
  154: optional Side f154
  155: required set<i64> f155
  156: i64 f156
  157: optional double f157
  158: required string f158
  159: bool f159
  160: optional i32 f160
  161: required byte f161
  162: i16 f162
  163: optional binary f163
  164: required list<string> f164
  165: map<i32, Inner> f165
  166: optional Inner f166
  167: required Side f167
  168: set<i64> f168
  169: optional i64 f169 = 169
  170: required double f170
  171: string f171 = "s171"
  172: optional bool f172
  173: required i32 f173
  174: byte f174
  175: optional i16 f175
  176: required binary f176
  177: list<string> f177
  178: optional map<i32, Inner> f178
  179: required Inner f179
  180: Side f180
  181: optional set<i64> f181
  182: required i64 f182
  183: double f183
  184: optional string f184
  185: required bool f185
  186: i32 f186
  187: optional byte f187
  188: required i16 f188
  189: binary f189
  190: optional list<string> f190
  191: required map<i32, Inner> f191
  192: Inner f192
  193: optional Side f193
  194: required set<i64> f194
  195: i64 f195 = 195
  196: optional double f196
  197: required string f197
  198: bool f198
  199: optional i32 f199
  200: required byte f200
  201: i16 f201
  202: optional binary f202
  203: required list<string> f203
  204: map<i32, Inner> f204
  205: optional Inner f205
  206: required Side f206
  207: set<i64> f207
  208: optional i64 f208
  209: required double f209
  210: string f210 = "s210"
  211: optional bool f211
  212: required i32 f212
  213: byte f213
  214: optional i16 f214
  215: required binary f215
  216: list<string> f216
  217: optional map<i32, Inner> f217
  218: required Inner f218
  219: Side f219
  220: optional set<i64> f220
  221: required i64 f221
  222: double f222
  223: optional string f223
  224: required bool f224
  225: i32 f225
  226: optional byte f226
  227: required i16 f227
  228: binary f228
  229: optional list<string> f229
  230: required map<i32, Inner> f230
  231: Inner f231
  232: optional Side f232
  233: required set<i64> f233
  234: i64 f234
  235: optional double f235
  236: required string f236
  237: bool f237
  238: optional i32 f238
  239: required byte f239
  240: i16 f240
  241: optional binary f241
  242: required list<string> f242
  243: map<i32, Inner> f243
  244: optional Inner f244
  245: required Side f245
  246: set<i64> f246
  247: optional i64 f247 = 247
  248: required double f248
  249: string f249 = "s249"
  250: optional bool f250
  251: required i32 f251
  252: byte f252
  253: optional i16 f253
  254: required binary f254
  255: list<string> f255
  256: optional map<i32, Inner> f256
  257: required Inner f257
  258: Side f258
  259: optional set<i64> f259
  260: required i64 f260
  261: double f261
  262: optional string f262
  263: required bool f263
  264: i32 f264
  265: optional byte f265
  266: required i16 f266
  267: binary f267
  268: optional list<string> f268
  269: required map<i32, Inner> f269
  270: Inner f270
  271: optional Side f271
  272: required set<i64> f272
  273: i64 f273 = 273
  274: optional double f274
  275: required string f275
  276: bool f276
  277: optional i32 f277
  278: required byte f278
  279: i16 f279
  280: optional binary f280
  281: required list<string> f281
  282: map<i32, Inner> f282
  283: optional Inner f283
  284: required Side f284
  285: set<i64> f285
  286: optional i64 f286
  287: required double f287
  288: string f288 = "s288"
  289: optional bool f289
  290: required i32 f290
  291: byte f291
  292: optional i16 f292
  293: required binary f293
  294: list<string> f294
  295: optional map<i32, Inner> f295
  296: required Inner f296
  297: Side f297
  298: optional set<i64> f298
  299: required i64 f299
  300: double f300
}
exception WideTrouble {
  1: i64 code1
  2: i64 code2
  3: i64 code3
  4: i64 code4
  5: i64 code5
  6: i64 code6
  7: i64 code7
  8: i64 code8
  9: i64 code9
  10: i64 code10
  11: i64 code11
  12: i64 code12
  13: i64 code13
  14: i64 code14
  15: i64 code15
  16: i64 code16
  17: i64 code17
  18: i64 code18
  19: i64 code19
  20: i64 code20
  21: i64 code21
  22: i64 code22
  23: i64 code23
  24: i64 code24
  25: i64 code25
  26: i64 code26
  27: i64 code27
  28: i64 code28
  29: i64 code29
  30: i64 code30
  31: i64 code31
  32: i64 code32
  33: i64 code33
  34: i64 code34
  35: i64 code35
  36: i64 code36
  37: i64 code37
  38: i64 code38
  39: i64 code39
  40: i64 code40
  41: i64 code41
  42: i64 code42
  43: i64 code43
  44: i64 code44
  45: i64 code45
  46: i64 code46
  47: i64 code47
  48: i64 code48
  49: i64 code49
  50: i64 code50
  51: i64 code51
  52: i64 code52
  53: i64 code53
  54: i64 code54
  55: i64 code55
  56: i64 code56
  57: i64 code57
  58: i64 code58
  59: i64 code59
  60: i64 code60
  61: i64 code61
  62: i64 code62
  63: i64 code63
  64: i64 code64
  65: i64 code65
  66: i64 code66
  67: i64 code67
  68: i64 code68
  69: i64 code69
  70: i64 code70
  71: i64 code71
  72: i64 code72
  73: i64 code73
  74: i64 code74
  75: i64 code75
  76: i64 code76
  77: i64 code77
  78: i64 code78
  79: i64 code79
  80: i64 code80
  81: i64 code81
  82: i64 code82
  83: i64 code83
  84: i64 code84
  85: i64 code85
  86: i64 code86
  87: i64 code87
  88: i64 code88
  89: i64 code89
  90: i64 code90
  91: i64 code91
  92: i64 code92
  93: i64 code93
  94: i64 code94
  95: i64 code95
  96: i64 code96
  97: i64 code97
  98: i64 code98
  99: i64 code99
  100: i64 code100
  101: i64 code101
  102: i64 code102
  103: i64 code103
  104: i64 code104
  105: i64 code105
  106: i64 code106
  107: i64 code107
  108: i64 code108
  109: i64 code109
  110: i64 code110
  111: i64 code111
  112: i64 code112
  113: i64 code113
  114: i64 code114
  115: i64 code115
  116: i64 code116
  117: i64 code117
  118: i64 code118
  119: i64 code119
  120: i64 code120
  121: i64 code121
  122: i64 code122
  123: i64 code123
  124: i64 code124
  125: i64 code125
  126: i64 code126
  127: i64 code127
  128: i64 code128
  129: i64 code129
  130: i64 code130
  200: string message
}
struct Holder { 1: Wide wide }
service Ample { Wide get(1: Wide wide) throws (1: WideTrouble trouble) }
