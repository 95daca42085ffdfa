package io.volare.benchmarks;

import java.util.List;
import java.util.Locale;

/** A picture of some values with the bounds of each, as SVG. */
final class BarChart {
  private static final int LEFT = 190;
  private static final int WIDTH = 520;
  private static final int ROW = 26;
  private static final int TOP = 44;

  private BarChart() {}

  record Bar(String name, double value, double lower, double upper) {
    static Bar of(String name, Samples samples) {
      return new Bar(name, samples.median(), samples.lower(), samples.upper());
    }
  }

  static String draw(String title, List<Bar> bars) {
    double most = bars.stream().mapToDouble(Bar::upper).max().orElse(1);
    double scale = WIDTH / most;
    StringBuilder out = new StringBuilder();
    int height = TOP + ROW * bars.size() + 12;
    out.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
        font-family="sans-serif" font-size="13">
        <rect width="100%%" height="100%%" fill="white"/>
        <text x="12" y="24" font-size="15">%3$s</text>
        """
            .formatted(LEFT + WIDTH + 80, height, escaped(title)));
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      int y = TOP + ROW * i;
      out.append(
          String.format(
              Locale.ROOT,
              """
              <text x="%d" y="%d" text-anchor="end">%s</text>
              <rect x="%d" y="%d" width="%.1f" height="16" fill="#4a7ab5"/>
              <line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#222"/>
              <text x="%.1f" y="%d">%.2f</text>
              """,
              LEFT - 8,
              y + 13,
              escaped(bar.name()),
              LEFT,
              y,
              bar.value() * scale,
              LEFT + bar.lower() * scale,
              LEFT + bar.upper() * scale,
              y + 8,
              y + 8,
              LEFT + bar.upper() * scale + 6,
              y + 13,
              bar.value()));
    }
    return out.append("</svg>\n").toString();
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
