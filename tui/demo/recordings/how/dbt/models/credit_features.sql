select
    loans.id,
    loans.amount,
    loans.months,
    loans.installment_rate,
    loans.checking,
    loans.savings,
    loans.history,
    loans.other_plans,
    applicants.age,
    applicants.sex,
    applicants.job,
    applicants.employment,
    applicants.housing,
    applicants.property,
    loans.good
from {{ ref('stg_loans') }} as loans
join {{ ref('stg_applicants') }} as applicants on applicants.id = loans.id
