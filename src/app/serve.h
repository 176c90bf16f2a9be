#pragma once
// `instapay serve …`: brings services up and down.
#include "config/config.h"

namespace instapay::app {

/// Runs until SIGINT or SIGTERM. Returns the process's exit code; what went wrong at start is said
/// in one line on standard error.
int serve(const Config& config, Purpose purpose);

}  // namespace instapay::app
