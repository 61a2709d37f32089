select
    id,
    age_in_years as age,
    case when personal_status_and_sex in ('A92', 'A95') then 'female' else 'male' end as sex,
    case job
        when 'A171' then 'unskilled' when 'A172' then 'unskilled'
        when 'A173' then 'skilled' else 'management'
    end as job,
    case present_employment_since
        when 'A71' then 0 when 'A72' then 1 when 'A73' then 2 when 'A74' then 3 else 4
    end as employment,
    case housing when 'A151' then 'rent' when 'A152' then 'own' else 'free' end as housing,
    case property
        when 'A121' then 'real_estate' when 'A122' then 'savings' when 'A123' then 'car' else 'none'
    end as property
from {{ source('raw', 'applications') }}
