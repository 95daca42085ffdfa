package io.volare.benchmarks;

import java.util.List;
import java.util.Locale;

/** Lines over some points, with the bounds at each, as SVG; the scale upwards is logarithmic. */
final class LineChart {
  private static final int LEFT = 60;
  private static final int TOP = 44;
  private static final int WIDTH = 560;
  private static final int HEIGHT = 320;
  private static final int NAMES = 170;
  private static final List<String> COLORS =
      List.of(
          "#222222", "#1f77b4", "#2ca02c", "#d62728", "#9467bd", "#ff7f0e", "#8c564b", "#17becf");

  private final List<String> points;
  private final double bottom;
  private final double scale;
  private final StringBuilder out = new StringBuilder();

  private LineChart(List<String> points, double least, double most) {
    this.points = points;
    this.bottom = Math.log10(least) - 0.05;
    this.scale = HEIGHT / (Math.log10(most) + 0.05 - bottom);
  }

  /**
   * One line.
   *
   * @param values at each point, of some rounds; above 0
   */
  record Line(String name, List<Samples> values) {}

  static String draw(String title, List<String> points, List<Line> lines) {
    double least =
        lines.stream()
            .flatMap(each -> each.values.stream())
            .mapToDouble(Samples::lower)
            .min()
            .orElse(1);
    double most =
        lines.stream()
            .flatMap(each -> each.values.stream())
            .mapToDouble(Samples::upper)
            .max()
            .orElse(1);
    LineChart chart = new LineChart(points, Math.max(least, 1e-3), Math.max(most, 1e-3));
    chart.frame(title);
    for (int i = 0; i < lines.size(); i++) {
      chart.line(lines.get(i), COLORS.get(i % COLORS.size()), i);
    }
    return chart.out.append("</svg>\n").toString();
  }

  private void frame(String title) {
    int width = LEFT + WIDTH + NAMES;
    int height = TOP + HEIGHT + 40;
    add(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
        font-family="sans-serif" font-size="12">
        <rect width="100%%" height="100%%" fill="white"/>
        <text x="12" y="24" font-size="15">%3$s</text>
        """,
        width, height, BarChart.escaped(title));
    for (double decade = Math.pow(10, Math.floor(bottom)); y(decade) > TOP; decade *= 10) {
      for (double step : new double[] {1, 2, 5}) {
        tick(decade * step);
      }
    }
    for (int i = 0; i < points.size(); i++) {
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
          x(i), TOP + HEIGHT + 20, points.get(i));
    }
  }

  private void tick(double value) {
    double y = y(value);
    if (y < TOP || y > TOP + HEIGHT) {
      return;
    }
    add(
        """
        <line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#dddddd"/>
        <text x="%d" y="%.1f" text-anchor="end">%s</text>
        """,
        LEFT,
        LEFT + WIDTH,
        y,
        y,
        LEFT - 6,
        y + 4,
        value >= 1 ? String.format(Locale.ROOT, "%,.0f", value) : Float.toString((float) value));
  }

  private void line(Line line, String color, int number) {
    StringBuilder way = new StringBuilder();
    for (int i = 0; i < points.size(); i++) {
      Samples at = line.values.get(i);
      way.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(i), y(at.median())));
      add(
          "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$.1f\" y2=\"%3$.1f\" stroke=\"%4$s\"/>\n",
          x(i), y(at.lower()), y(at.upper()), color);
    }
    add("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", way, color);
    add(
        "<rect x=\"%1$d\" y=\"%2$d\" width=\"14\" height=\"4\" fill=\"%3$s\"/>"
            + "<text x=\"%4$d\" y=\"%5$d\">%6$s</text>\n",
        LEFT + WIDTH + 14,
        TOP + 8 + 20 * number,
        color,
        LEFT + WIDTH + 34,
        TOP + 14 + 20 * number,
        BarChart.escaped(line.name));
  }

  private double x(int point) {
    return LEFT + (point + 0.5) * WIDTH / points.size();
  }

  private double y(double value) {
    return TOP + HEIGHT - (Math.log10(Math.max(value, 1e-3)) - bottom) * scale;
  }

  private void add(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values));
  }
}
