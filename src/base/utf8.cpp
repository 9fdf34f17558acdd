#include "base/utf8.hpp"

#include <boost/locale/utf.hpp>

namespace mpbridge::base {

bool is_utf8(std::string_view text) { return to_utf8(text) == text; }

std::string to_utf8(std::string_view text) {
    namespace utf = boost::locale::utf;
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string valid;
    for (const auto* at = text.begin(); at != text.end();) {
        const auto* const start = at;
        if (utf::is_valid_codepoint(utf::utf_traits<char>::decode(at, text.end()))) {
            valid.append(start, at);
        } else {
            valid.append(replacement);
            at = start + 1;
        }
    }
    return valid;
}

} // namespace mpbridge::base
