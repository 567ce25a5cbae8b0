#!/usr/bin/env bash
# Kills the program many times at fail points and at random moments, and holds the case to its
# promises after each. Prints the seed of every kill.
#
# usage: benches/kill.sh [KILLS] [SEED]
set -euo pipefail
cd "$(dirname "$0")/.."
export STILLHUNT_KILLS="${1:-1000}" STILLHUNT_KILL_SEED="${2:-$(date +%s)}"
echo "$STILLHUNT_KILLS kills, seed $STILLHUNT_KILL_SEED"
exec cargo test --locked --features fail-points ${PROFILE:+--profile "$PROFILE"} --test crash -- \
    --exact a_thousand_kills --ignored --nocapture
