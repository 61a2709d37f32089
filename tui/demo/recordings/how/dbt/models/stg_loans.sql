select
    id,
    credit_amount as amount,
    duration_in_month as months,
    installment_rate_in_percentage_of_disposable_income as installment_rate,
    case status_of_existing_checking_account
        when 'A11' then 'overdrawn' when 'A12' then 'low' when 'A13' then 'high' else 'none'
    end as checking,
    case savings_account
        when 'A61' then 0 when 'A62' then 1 when 'A63' then 2 when 'A64' then 3 else 0
    end as savings,
    case credit_history
        when 'A30' then 'none' when 'A31' then 'none' when 'A32' then 'paid'
        when 'A33' then 'delayed' else 'critical'
    end as history,
    case other_installment_plans when 'A143' then 0 else 1 end as other_plans,
    case when credit_risk = 1 then 1 else 0 end as good
from {{ source('raw', 'applications') }}
