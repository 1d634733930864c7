# Makes system_differences.json with R 4.2.2 and survival 3.5-3:
#   Rscript tests/reference/system_differences.R
# Two systems on 120 patients each: errors of a value, and scores of a time to an event.
library(survival)

text <- function(x) paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")

set.seed(4)
n <- 120
both <- rnorm(n, 0, 2)
first <- round(both + rnorm(n, 0.5, 2), 3)
second <- round(both + rnorm(n, 0, 3), 3)
paired <- t.test(abs(first), abs(second), paired = TRUE)
spread <- cor.test(first + second, first - second)
# the interval of the ratio by turning the same test: the ratio at which p is 0.05
p_at <- function(ratio) cor.test(first + ratio * second, first - ratio * second)$p.value - 0.05
ratio <- sd(first) / sd(second)
low <- uniroot(p_at, c(ratio / 3, ratio), tol = 1e-13)$root
high <- uniroot(p_at, c(ratio, ratio * 3), tol = 1e-13)$root

risk <- rnorm(n)
at <- rexp(n, exp(risk) / 900)
lost <- runif(n, 100, 2000)
time <- ceiling(pmin(at, lost))
event <- as.numeric(at <= lost)
one <- round(risk + rnorm(n, 0, 0.5), 2)
other <- round(risk + rnorm(n, 0, 1.2), 2)
found <- concordance(coxph(Surv(time, event) ~ one), coxph(Surv(time, event) ~ other))
contrast <- c(1, -1)

writeLines(paste0(
  '{\n"first": ', text(first), ',\n"second": ', text(second),
  ',\n"absolute": ', text(c(paired$estimate, paired$conf.int, paired$p.value)),
  ',\n"spread": ', text(c(ratio, low, high, spread$p.value)),
  ',\n"time": ', text(time), ',\n"event": ', text(event), ',\n"one": ', text(one), ',\n"other": ', text(other),
  ',\n"c_index": ', text(found$concordance),
  ',\n"c_difference": ', text(c(sum(contrast * found$concordance), sqrt(contrast %*% found$var %*% contrast))),
  "\n}"
), "tests/reference/system_differences.json")
