#pragma once

#include <gtest/gtest.h>

#include <string>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell::test {

// A reader of text must refuse this one with an IoError that says where and what.
template <class Parse>
void expect_refused(Parse parse, const std::string& text, const std::string& where, const std::string& what) {
  try {
    parse(as_bytes_of(text), "file");
    ADD_FAILURE() << text;
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(where), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

}  // namespace swell::test
