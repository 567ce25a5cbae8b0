//! Numerics and nothing else: functions of numbers, without knowledge of accounts or files.

pub mod burstiness;
pub mod circular;
pub mod combine;
pub mod entropy;
pub mod multiple;
pub mod normal;
pub mod quantile;
pub mod rarefaction;
pub mod union_find;
pub mod kmeans;
pub mod layout;
pub mod linalg;
pub mod neighbours;
pub mod pca;
pub mod recall;
pub mod splitmix;
pub mod svd;
