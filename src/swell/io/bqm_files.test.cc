#include "swell/io/bqm_files.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

namespace {

// E = 10.125 - 1.5 a + 2.25 b - 3 a b + 1.75 b c.
void expect_the_model(const Quadratic& model, const std::vector<std::string>& labels) {
  EXPECT_TRUE(model.spins);
  EXPECT_EQ(model.size, 3);
  EXPECT_EQ(model.offset, 10.125);
  EXPECT_EQ(model.labels, labels);
  double linear[3] = {}, pairs[3][3] = {};
  for (const auto& entry : model.entries)
    (entry.i == entry.j ? linear[entry.i] : pairs[entry.i][entry.j]) += entry.value;
  EXPECT_EQ(linear[0], -1.5);
  EXPECT_EQ(linear[1], 2.25);
  EXPECT_EQ(linear[2], 0);
  EXPECT_EQ(pairs[0][1], -3);
  EXPECT_EQ(pairs[1][2], 1.75);
  EXPECT_EQ(pairs[0][2], 0);
}

const std::vector<std::string> kNames = {"\"a\"", "\"b\"", "[\"x\",1]"};

template <class T>
void put(std::string& to, T value) {
  std::byte bytes[sizeof(T)];
  store_little(bytes, value);
  to.append(reinterpret_cast<const char*>(bytes), sizeof(T));
}

// The model as dimod lays it out, with doubles, 32-bit indices.
std::string binary_model(uint8_t version) {
  const std::string names = R"(["a", "b", ["x", 1]])";
  const std::string header = R"({"dtype": "float64", "itype": "int32", "ntype": "int32", "shape": [3, 2], "vartype": )"
                             R"("SPIN", "type": "BinaryQuadraticModel", "variables": )" +
                             (version == 1 ? names : "true") + "}\n";
  std::string file = "DIMODBQM";
  file += static_cast<char>(version);
  file += '\0';
  put<uint32_t>(file, static_cast<uint32_t>(header.size()));
  file += header;
  put(file, 10.125);
  const double linear[] = {-1.5, 2.25, 0};
  const int32_t starts[] = {0, 1, 3};
  for (int i = 0; i < 3; ++i) {
    put(file, starts[i]);
    put(file, linear[i]);
  }
  const std::pair<int32_t, double> neighbours[] = {{1, -3}, {0, -3}, {2, 1.75}, {1, 1.75}};
  for (const auto& [to, bias] : neighbours) {
    put(file, to);
    put(file, bias);
  }
  if (version == 2) {
    file += "VARS";
    put<uint32_t>(file, static_cast<uint32_t>(names.size()));
    file += names;
  }
  return file;
}

std::string message_of(Quadratic (*parse)(std::span<const std::byte>, std::string_view), const std::string& text) {
  try {
    parse(as_bytes_of(text), "file");
  } catch (const IoError& error) {
    return error.what();
  }
  return "read";
}

}  // namespace

TEST(bqm_files, json_keeps_offset_and_names) {
  const std::string text =
      R"({"type": "BinaryQuadraticModel", "version": {"bqm_schema": "3.0.0"}, "use_bytes": false,
          "variable_labels": ["a", "b", ["x", 1]], "variable_type": "SPIN", "offset": 10.125,
          "linear_biases": [-1.5, 2.25, 0], "quadratic_biases": [-3, 1, 0.75], "quadratic_head": [0, 1, 2],
          "quadratic_tail": [1, 2, 1]})";
  expect_the_model(parse_bqm_json(as_bytes_of(text), "m"), kNames);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    return message_of(parse_bqm_json, other);
  };
  EXPECT_NE(with("SPIN", "POTTS").find("POTTS"), std::string::npos);
  EXPECT_NE(with("[0, 1, 2]", "[0, 1, 3]").find("from 0 to 2"), std::string::npos);
  EXPECT_NE(with("[0, 1, 2]", "[0, 1]").find("quadratic_head"), std::string::npos);
  EXPECT_NE(with("\"b\"", "\"a\"").find("two variables are named"), std::string::npos);
  EXPECT_NE(with("false", "true").find("use_bytes=False"), std::string::npos);
  EXPECT_NE(with("2.25", "\"x\"").find("a linear bias"), std::string::npos);
  EXPECT_NE(message_of(parse_bqm_json, text.substr(0, 50)).find("broken at byte"), std::string::npos);
}

TEST(bqm_files, binary_files_of_both_versions_keep_offset_and_names) {
  for (const uint8_t version : {uint8_t{1}, uint8_t{2}})
    expect_the_model(parse_bqm_binary(as_bytes_of(binary_model(version)), "m"), kNames);
}

TEST(bqm_files, binary_files_cut_short_or_damaged_are_refused) {
  const std::string file = binary_model(2);
  for (size_t length = 0; length < file.size(); ++length)
    EXPECT_NE(message_of(parse_bqm_binary, file.substr(0, length)), "read") << length;
  std::string other = file;
  other[8] = 3;
  EXPECT_NE(message_of(parse_bqm_binary, other).find("version 3"), std::string::npos);
}

TEST(bqm_files, bqpjson_scales_terms_and_offset) {
  const std::string text =
      R"({"id": 1, "version": "1.0.0", "variable_domain": "spin", "scale": 0.5, "offset": 20.25,
          "variable_ids": [4, 7, 9], "linear_terms": [{"id": 4, "coeff": -3}, {"id": 7, "coeff": 4.5}],
          "quadratic_terms": [{"id_tail": 7, "id_head": 4, "coeff": -6}, {"id_tail": 7, "id_head": 9, "coeff": 3.5}]})";
  expect_the_model(parse_bqpjson(as_bytes_of(text), "m"), {"4", "7", "9"});
  std::string other = text;
  other.replace(other.find("\"id\": 7"), 7, "\"id\": 8");
  EXPECT_NE(message_of(parse_bqpjson, other).find("variable 8"), std::string::npos);
}

}  // namespace swell
