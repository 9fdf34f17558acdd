#include "base/log.hpp"

#include "base/text.hpp"

#include <string>

namespace mpbridge::base {

void Log::trace(std::string_view what, ByteView bytes) {
    if (enabled(Level::trace)) {
        write(Level::trace, std::string(what) + ": " + visible(bytes));
    }
}

} // namespace mpbridge::base
