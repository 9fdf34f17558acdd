#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mpbridge::app {

// The words of a text as a shell sees them, with its three ways to quote: '...', "..." and \.
// An error: a quote that is not closed, or nothing behind a backslash.
base::Result<std::vector<std::string>> split_words(std::string_view text);

} // namespace mpbridge::app
