struct point { 1: i32 x }
struct line { 1: point a, 2: list<point> b }
enum shade { dark, light }
