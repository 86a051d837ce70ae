//! The picture: good answers in each second, for each of the ways to call.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::{BROWNOUT, Outcome, SECONDS};

const COLOURS: [RGBColor; 4] =
    [RGBColor(120, 120, 120), RGBColor(204, 51, 51), RGBColor(51, 102, 204), RGBColor(34, 136, 68)];

pub fn draw(outcomes: &[Outcome], path: &Path) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (900, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let most = outcomes.iter().flat_map(|outcome| &outcome.good).copied().max().unwrap_or(1);
    let top = f64::from(most) * 1.1;
    let mut chart = ChartBuilder::on(&area)
        .caption("A service browns out: good answers a second", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..f64::from(SECONDS), 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .x_desc("seconds")
        .x_label_formatter(&|seconds| format!("{seconds:.0}"))
        .y_label_formatter(&|good| format!("{good:.0}"))
        .label_style(("sans-serif", 13))
        .draw()?;
    let (from, to) = (BROWNOUT.start.as_secs_f64(), BROWNOUT.end.as_secs_f64());
    chart
        .draw_series([Rectangle::new([(from, 0.0), (to, top)], RGBColor(240, 200, 120).mix(0.3).filled())])?;
    for (outcome, colour) in outcomes.iter().zip(COLOURS) {
        let points = (0_u32..).zip(&outcome.good).map(|(at, good)| (f64::from(at) + 0.5, f64::from(*good)));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(outcome.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.2))
        .label_font(("sans-serif", 13))
        .draw()?;
    area.present()?;
    Ok(())
}
