#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace mpbridge::control {

// In JSON text is UTF-8, while a path or what a program prints can be any bytes: those that are
// none become \xNN.
boost::json::string json_text(std::string_view text);

// Null instead of an empty text.
boost::json::value json_text_or_null(std::string_view text);

// In one line, with its end.
std::string json_line(const boost::json::object& object);

} // namespace mpbridge::control
