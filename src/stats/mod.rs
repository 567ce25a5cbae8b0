//! Numerics and nothing else: functions of numbers, without knowledge of accounts or files.

pub mod burstiness;
pub mod circular;
pub mod combine;
pub mod communities;
pub mod entropy;
pub mod kmeans;
pub mod layout;
pub mod linalg;
pub mod multiple;
pub mod neighbours;
pub mod normal;
pub mod pca;
pub mod quantile;
pub mod rarefaction;
pub mod recall;
pub mod splitmix;
pub mod svd;
pub mod union_find;
