//! The fitted model as named parts of bytes, so that a pass that was interrupted goes on with the
//! very same one: numbers are kept to the bit.

use serde::{Deserialize, Serialize};

use super::features::TfIdf;
use super::fit::{Fit, FittedTopic};
use super::space::{Places, Projection};
use crate::stats::kmeans::{Centroids, Metric};
use crate::stats::linalg::Matrix;
use crate::stats::pca::Pca;

/// What is said in words and whole numbers, as JSON.
const TOLD: &str = "told";

#[derive(Serialize, Deserialize)]
struct Told {
    description: String,
    topics: Vec<FittedTopic>,
    /// Whether the space is of embeddings.
    embedding: bool,
    /// Dimensions of the space.
    dimensions: usize,
}

/// The parts of a model, by name.
pub(super) fn parts(fit: &Fit) -> Vec<(&'static str, Vec<u8>)> {
    let mut parts = vec![
        ("centroids", floats(&fit.centroids.rows.data)),
        ("fitted", floats(&fit.places.points.data)),
        ("places", floats(fit.places.places.as_flattened())),
    ];
    let mut told = Told {
        description: fit.description.clone(),
        topics: fit.topics.clone(),
        embedding: false,
        dimensions: fit.centroids.rows.columns,
    };
    match &fit.projection {
        Projection::Text(weights, right) => {
            let columns = weights.column.iter().flat_map(|column| column.to_le_bytes());
            parts.extend([
                ("columns", columns.collect()),
                ("idf", floats(&weights.idf)),
                ("right", floats(&right.data)),
            ]);
        }
        Projection::Embedding(pca) => {
            told.embedding = true;
            parts.extend([("mean", floats(&pca.mean)), ("components", floats(&pca.components.data))]);
        }
    }
    // Strings and whole numbers always have a JSON.
    parts.push((TOLD, serde_json::to_vec(&told).unwrap_or_default()));
    parts
}

/// The model of some parts; `None` where they do not make one.
pub(super) fn from_parts(part: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Fit> {
    let told: Told = serde_json::from_slice(&part(TOLD)?).ok()?;
    let numbers = |name| Some(read_floats(&part(name)?));
    let matrix = |name, columns: usize| {
        let data = numbers(name)?;
        let whole = columns > 0 && data.len() % columns == 0;
        whole.then(|| Matrix { rows: data.len() / columns, columns, data })
    };
    let projection = if told.embedding {
        let mean = numbers("mean")?;
        let components = matrix("components", mean.len())?;
        Projection::Embedding(Box::new(Pca { mean, components, variances: Vec::new() }))
    } else {
        let column = part("columns")?.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        let weights = TfIdf { column, idf: numbers("idf")? };
        let right = matrix("right", told.dimensions)?;
        (right.rows == weights.idf.len() && weights.is_sound()).then_some(())?;
        Projection::Text(Box::new(weights), right)
    };
    let centroids = Centroids::new(matrix("centroids", told.dimensions)?, Metric::Cosine);
    let fitted = matrix("fitted", told.dimensions)?;
    let places = numbers("places")?.as_chunks().0.to_vec();
    (places.len() == fitted.rows && told.topics.len() == centroids.rows.rows).then_some(())?;
    let places = Places::new(fitted, places, &centroids);
    Some(Fit { projection, centroids, places, topics: told.topics, description: told.description })
}

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn read_floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
