//! Numerics and nothing else: functions of numbers, without knowledge of accounts or files.

pub mod burstiness;
pub mod circular;
pub mod combine;
pub mod communities;
pub mod entropy;
pub mod isolation_forest;
pub mod kmeans;
pub mod layout;
pub mod linalg;
pub mod multiple;
pub mod neighbours;
pub mod normal;
pub mod normality;
pub mod pca;
pub mod proportion;
pub mod quantile;
pub mod ranking;
pub mod rarefaction;
pub mod recall;
pub mod splitmix;
pub mod svd;
pub mod uniformity;
pub mod union_find;
