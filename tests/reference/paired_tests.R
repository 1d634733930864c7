# Makes paired_tests.json with R's own functions: Rscript tests/reference/paired_tests.R (R 4.2.2).
file <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
number <- function(x) paste0("[", paste(sprintf("%.17g", as.numeric(x)), collapse = ", "), "]")
cells <- list(c(3, 9), c(0, 6), c(10, 10), c(40, 62), c(51, 35), c(30, 41), c(1, 0))
exact <- sapply(cells, function(x) binom.test(x[1], sum(x))$p.value)
chi <- sapply(cells, function(x) mcnemar.test(matrix(c(5, x[1], x[2], 5), 2), correct = FALSE)$p.value)
p <- c(0.01, 0.04, 0.03, 0.005, 0.2, 0.04, 0.9)
differences <- c(0.02, 0.05, -0.01, 0.04, 0.03, 0.06, 0.00, 0.01, 0.05, 0.02)
half <- qt(0.975, 9) * sd(differences) * sqrt(1 / 10 + 1 / 4)
t <- mean(differences) / (sd(differences) * sqrt(1 / 10 + 1 / 4))
d <- c(0.012, -0.03, 0.02, 0.004, -0.015, 0.01, 0.022, -0.008)
below <- t.test(d, mu = -0.05, alternative = "greater")$p.value
above <- t.test(d, mu = 0.05, alternative = "less")$p.value
writeLines(c(
  sprintf('{"made by": "R %s: binom.test, mcnemar.test, p.adjust, t.test",', getRversion()),
  paste0('"discordant": [', paste(sapply(cells, number), collapse = ", "), "],"),
  paste0('"exact": ', number(exact), ","),
  paste0('"chi-square": ', number(chi), ","),
  paste0('"p": ', number(p), ","),
  paste0('"holm": ', number(p.adjust(p, "holm")), ","),
  paste0('"fold differences": ', number(differences), ","),
  paste0('"corrected t, p, low, high": ', number(c(t, 2 * pt(-abs(t), 9), mean(differences) - half, mean(differences) + half)), ","),
  paste0('"paired differences": ', number(d), ","),
  paste0('"tost at 0.05": ', number(c(below, above)), "}")
), sub("\\.R$", ".json", file))
