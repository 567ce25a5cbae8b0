//! Serialisation of the fitted model as named parts of bytes, exact to the bit, so that an interrupted
//! pass continues with the same model.

use serde::{Deserialize, Serialize};

use super::features::TfIdf;
use super::fit::{Fit, FittedTopic};
use super::space::{Places, Projection};
use crate::stats::kmeans::{Centroids, Metric};
use crate::stats::linalg::Matrix;
use crate::stats::pca::Pca;

/// Name of the part with words and whole numbers, as JSON.
const DESCRIPTION: &str = "description";

#[derive(Serialize, Deserialize)]
struct Description {
    description: String,
    topics: Vec<FittedTopic>,
    /// True for a space of embeddings, false for one of texts.
    embedding: bool,
    /// Number of dimensions of the space.
    dimensions: usize,
}

/// Parts of a model, by name.
pub(super) fn parts(fit: &Fit) -> Vec<(&'static str, Vec<u8>)> {
    let mut parts = vec![
        ("centroids", floats(&fit.centroids.rows.data)),
        ("fitted", floats(&fit.places.points.data)),
        ("places", floats(fit.places.places.as_flattened())),
    ];
    let mut described = Description {
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
            described.embedding = true;
            parts.extend([("mean", floats(&pca.mean)), ("components", floats(&pca.components.data))]);
        }
    }
    // Strings and whole numbers always serialise.
    parts.push((DESCRIPTION, serde_json::to_vec(&described).unwrap_or_default()));
    parts
}

/// Model from its parts; `None` if they are incomplete or inconsistent.
pub(super) fn from_parts(part: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Fit> {
    let described: Description = serde_json::from_slice(&part(DESCRIPTION)?).ok()?;
    let numbers = |name| Some(read_floats(&part(name)?));
    let matrix = |name, columns: usize| {
        let data = numbers(name)?;
        let whole = columns > 0 && data.len() % columns == 0;
        whole.then(|| Matrix { rows: data.len() / columns, columns, data })
    };
    let projection = if described.embedding {
        let mean = numbers("mean")?;
        let components = matrix("components", mean.len())?;
        Projection::Embedding(Box::new(Pca { mean, components, variances: Vec::new() }))
    } else {
        let column = part("columns")?.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        let weights = TfIdf { column, idf: numbers("idf")? };
        let right = matrix("right", described.dimensions)?;
        (right.rows == weights.idf.len() && weights.is_sound()).then_some(())?;
        Projection::Text(Box::new(weights), right)
    };
    let centroids = Centroids::new(matrix("centroids", described.dimensions)?, Metric::Cosine);
    let fitted = matrix("fitted", described.dimensions)?;
    let places = numbers("places")?.as_chunks().0.to_vec();
    (places.len() == fitted.rows && described.topics.len() == centroids.rows.rows).then_some(())?;
    let places = Places::new(fitted, places, &centroids);
    Some(Fit { projection, centroids, places, topics: described.topics, description: described.description })
}

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn read_floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
