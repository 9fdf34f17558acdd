#include "control/json.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"

#include <boost/json/src.hpp> // the library itself, in this one place

namespace mpbridge::control {
namespace {

bool is_utf8(std::string_view text) {
    boost::system::error_code refused;
    boost::json::parse(boost::json::serialize(boost::json::string(text)), refused);
    return !refused.failed();
}

} // namespace

boost::json::string json_text(std::string_view text) {
    return is_utf8(text) ? boost::json::string(text)
                         : boost::json::string(base::visible(base::bytes_of(text)));
}

boost::json::value json_text_or_null(std::string_view text) {
    return text.empty() ? boost::json::value() : boost::json::value(json_text(text));
}

std::string json_line(const boost::json::object& object) {
    return boost::json::serialize(object) + "\n";
}

} // namespace mpbridge::control
