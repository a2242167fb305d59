#include "swell/io/problem_kind.h"

#include <gtest/gtest.h>

#include "swell/io/bytes.h"

namespace swell {

using namespace std::string_literals;

TEST(problem_kind, is_told_by_contents) {
  const std::pair<std::string, ProblemKind> cases[] = {
      {"", ProblemKind::empty},
      {"\xef\xbb\xbf \n", ProblemKind::empty},
      {"5 6\n1 2\n", ProblemKind::pair_list},
      {"\xef\xbb\xbf"
       "# made by\n5 6\n1 2\n",
       ProblemKind::pair_list},
      {"// made by, someone, else\r5 6\r1 2\r", ProblemKind::pair_list},
      {"c x\np  edge 3 2\ne 1 2\n", ProblemKind::dimacs_graph},
      {"c x\np   qubo 0 2 1 1\n", ProblemKind::qubo},
      {"p  cnf 3 2\n1 0\n2 0\n", ProblemKind::cnf},
      {"p wcnf 3 2 9\n", ProblemKind::wcnf},
      {"c {\"a\": 1}\nh 1 2 0\n4 -1 0\n", ProblemKind::wcnf},
      {"4 -1 0\nh 1 2 0\n", ProblemKind::wcnf},
      {"10\n50 2\n1 2 3\n1 4 5\n", ProblemKind::or_library},
      {"3\n1 2 3\n2 1 1\n3 1 1\n", ProblemKind::dense_qubo},
      {"# vartype=SPIN\n0 0 1\n0 1 -1\n", ProblemKind::triples},
      {"0 0 1.5\n0 1 -1\n", ProblemKind::triples},
      {R"({"type": "BinaryQuadraticModel"})", ProblemKind::bqm_json},
      {R"({"variable_domain": "spin"})", ProblemKind::bqpjson},
      {R"({"type": "FeatureCollection", "features": []})", ProblemKind::geojson},
      {R"({"a": 1})", ProblemKind::json},
      {"[1, 2]", ProblemKind::json},
      {"DIMODBQM\2\0"s, ProblemKind::bqm_binary},
      {"DIMODCQM\2\0"s, ProblemKind::cqm},
      {"%%MatrixMarket matrix coordinate real general\n", ProblemKind::matrix_market},
      {"NAME: x\nTYPE: TSP\n", ProblemKind::tsplib},
      {"COMMENT : x\n", ProblemKind::tsplib},
      {"# town\njunction a 1 2\n", ProblemKind::streets},
      {"<?xml version=\"1.0\"?>\n<graphml>", ProblemKind::graphml},
      {"<osm version=\"0.6\">", ProblemKind::osm},
      {"<!DOCTYPE html>\n", ProblemKind::foreign},
      {"<svg>", ProblemKind::svg},
      {"\\ a model\nMinimize\n obj: x + y\nSubject To\n", ProblemKind::lp},
      {"max: 3x + 2y;\n", ProblemKind::lp},
      {"NAME  TEST\nROWS\n N COST\n", ProblemKind::mps},
      {"* #variable= 3 #constraint= 1\nmin: +1 x1 ;\n", ProblemKind::opb},
      {"city,x,y\nBerne,1,2\n", ProblemKind::csv},
      {"1;2\n3;4\n", ProblemKind::csv},
      {"[machine]\nunits = 3\n", ProblemKind::toml},
      {"\x89PNG\r\n\x1a\n", ProblemKind::foreign},
      {"%PDF-1.7", ProblemKind::foreign},
      {"PK\3\4", ProblemKind::foreign},
      {"\xff\xfe"
       "5\0"s,
       ProblemKind::foreign},
      {"\0\0\x08\3\0\0\0\1"s, ProblemKind::foreign},
      {"ab\0cd"s, ProblemKind::foreign},
      {"Dear all,\nhello\n", ProblemKind::text},
      {"import numpy as np\n", ProblemKind::text},
  };
  for (const auto& [text, kind] : cases) EXPECT_EQ(problem_kind(as_bytes_of(text)), kind) << text;
}

}  // namespace swell
