# Makes survival_r.json with R 4.2.2, survival 3.5-3, cmprsk 2.2-11 and riskRegression 2022.11.28:
#   Rscript tests/reference/survival_r.R
# Two cohorts: "tied" has whole months and scores in tenths, "free" has no ties at all. Event 2 competes with event 1.
library(survival)
library(cmprsk)
suppressMessages(library(riskRegression))

cohort <- function(seed, n) {
  set.seed(seed)
  x <- rnorm(n)
  first <- rexp(n, exp(x) / 900)
  other <- rexp(n, 1 / 2500)
  lost <- runif(n, 50, 1500)
  data.frame(
    time = pmin(first, other, lost),
    event = ifelse(lost <= pmin(first, other), 0, ifelse(first <= other, 1, 2)),
    score = plogis(x + rnorm(n))
  )
}

text <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.15g", x)), collapse = ", "), "]")

found <- function(d, at) {
  d$group <- findInterval(d$score, quantile(d$score, c(0.25, 0.5, 0.75)), left.open = TRUE)
  one <- Surv(d$time, d$event == 1)
  km <- summary(survfit(Surv(time, event > 0) ~ 1, d, conf.type = "log-log"), times = at)
  cif <- timepoints(cuminc(d$time, d$event), at)
  list(
    harrell = concordance(one ~ d$score, reverse = TRUE)$concordance,
    harrell_any = concordance(Surv(d$time, d$event > 0) ~ d$score, reverse = TRUE)$concordance,
    free_of_any = c(km$surv, km$lower, km$upper),
    incidence = c(cif$est[1, ], cif$var[1, ]),
    logrank = survdiff(one ~ d$group)$chisq,
    gray = cuminc(d$time, d$event, d$group)$Tests[1, "stat"]
  )
}

scored <- function(d, at, cause_only) {
  if (cause_only) d$event <- as.numeric(d$event == 1)
  form <- if (cause_only) Surv(time, event) ~ 1 else Hist(time, event) ~ 1
  s <- Score(list(m = d$score), formula = form, data = d, times = at, cause = 1, conf.int = FALSE, metrics = c("auc", "brier"))
  auc <- s$AUC$score
  brier <- s$Brier$score
  c(auc$AUC, brier$Brier[brier$model == "m"], brier$Brier[brier$model == "Null model"])
}

free <- cohort(2, 150)
tied <- cohort(1, 150)
tied$time <- ceiling(tied$time / 30)
tied$score <- round(tied$score, 1)
at <- c(12, 24)
a <- found(tied, at)
b <- found(free, c(365, 730))
parts <- c(
  sprintf('"made by": "R %s, survival %s, cmprsk %s, riskRegression %s"', getRversion(), packageVersion("survival"),
          packageVersion("cmprsk"), packageVersion("riskRegression")),
  sprintf('"tied": {"at": %s, %s}', text(at), paste(c(
    sapply(names(tied), function(n) sprintf('"%s": %s', n, text(tied[[n]]))),
    sapply(names(a), function(n) sprintf('"%s_found": %s', n, text(a[[n]])))), collapse = ", ")),
  sprintf('"free": {"at": %s, %s}', text(c(365, 730)), paste(c(
    sapply(names(free), function(n) sprintf('"%s": %s', n, text(free[[n]]))),
    sapply(names(b), function(n) sprintf('"%s_found": %s', n, text(b[[n]]))),
    sprintf('"competing_found": %s', text(scored(free, 365, FALSE))),
    sprintf('"one_event_found": %s', text(scored(free, 365, TRUE)))), collapse = ", "))
)
where <- sub("[.]R$", ".json", sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
writeLines(paste0("{", paste(parts, collapse = ", "), "}"), where)
